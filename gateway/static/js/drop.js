// Files from the file dialog, or dropped anywhere on the page.

// `take(files)` is called with the files; `refuse()` when only folders were dropped.
export function collect({ area, button, input, enabled, take, refuse }) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // the same file may be chosen again
  });
  let depth = 0; // dragenter and dragleave fire for every element on the way
  const mark = (by) => {
    depth = Math.max(depth + by, 0);
    area.classList.toggle("over", depth > 0);
  };
  const on = (type, handle) => {
    document.addEventListener(type, (event) => {
      if (event.dataTransfer?.types.includes("Files")) {
        event.preventDefault(); // or the browser would open the file in place of the page
        if (enabled()) {
          handle(event.dataTransfer);
        }
      }
    });
  };
  on("dragenter", () => mark(+1));
  on("dragleave", () => mark(-1));
  on("dragover", (data) => {
    data.dropEffect = "copy";
  });
  on("drop", (data) => {
    mark(-depth);
    const files = filesOf(data);
    if (files.length) {
      take(files);
    } else {
      refuse();
    }
  });
}

// A folder comes as a file that cannot be read; it is left out.
function filesOf(data) {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  const plain = items.filter((item) => !item.webkitGetAsEntry?.()?.isDirectory);
  return plain.map((item) => item.getAsFile()).filter(Boolean);
}
