// Hands a fetched file to the browser's downloads. A link to the service would carry no token.

const KEEP = 60_000; // milliseconds: some browsers read the blob only after the click

export function save({ blob, name }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP);
}
