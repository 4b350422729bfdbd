// Uppy with its tus plugin, for a page.

export { default as Uppy } from "@uppy/core";
export { default as Tus } from "@uppy/tus";
