// Lets the browser download what is at an address of this service, under the name that it says.

export function save(address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}
