// The viewer of 3D meshes: a separate bundle, loaded when the first mesh is on the page (components/studio/media.js).
// Meshes that need a decoder, or that refer to other files, never get here (backend/studio/meshes.py): the addresses
// from which the package would fetch code on other hosts are replaced by ones that do not exist.
import { ModelViewerElement } from "@google/model-viewer/dist/model-viewer-module.min.js";

const nothing = new URL("nothing/", import.meta.url).href;
for (const name of ["dracoDecoderLocation", "ktx2TranscoderLocation", "lottieLoaderLocation"]) {
  ModelViewerElement[name] = nothing;
}

/** A mesh that can be turned with a finger, a mouse or the arrow keys. */
export function mesh(address, name) {
  const viewer = document.createElement("model-viewer");
  const attributes = { src: address, alt: name, "camera-controls": "", "interaction-prompt": "none",
    "shadow-intensity": "0.6", "touch-action": "pan-y", "environment-image": "neutral" };
  for (const [attribute, value] of Object.entries(attributes)) viewer.setAttribute(attribute, value);
  return viewer;
}
