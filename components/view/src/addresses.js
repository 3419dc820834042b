// The address schemes allowed for links and pictures: the only such list in the view.

const WEB = /^https?:\/\/[^\s/?#@\\]+(?:[/?#]|$)/i;
const MAIL = /^mailto:[^\s:/@]+@[^\s:/@]+$/i;
const CHARACTERS = 4_000; // of an address; browsers and servers take less
const PICTURE = /^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$/;
const PICTURE_CHARACTERS = 8_000_000;

/** An http(s) address without a user name before its host, which would be misleading. */
export function isWebAddress(address) {
  if (address.length > CHARACTERS || !WEB.test(address)) return false;
  try {
    return new URL(address).hostname !== "";
  } catch {
    return false;
  }
}

/** An http(s) or mail address. */
export function isAddress(address) {
  return isWebAddress(address) || (address.length <= CHARACTERS && MAIL.test(address.split("?")[0]));
}

/** A link to a heading of the same text (`#setup`). */
export function isAnchor(address) {
  return /^#\S{1,200}$/.test(address);
}

/** A picture embedded in the text (data: URI), which needs no request. */
export function isPicture(address) {
  return address.length <= PICTURE_CHARACTERS && PICTURE.test(address);
}
