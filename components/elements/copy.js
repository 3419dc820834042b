export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const fallback = (text) => {  // navigator.clipboard exists on https and localhost only
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  button.onclick = async () => {
    try { await navigator.clipboard.writeText(data.text); } catch { fallback(data.text); }
    button.classList.add("done");
    button.setAttribute("aria-label", data.copied);
    setTimeout(() => { button.classList.remove("done"); button.setAttribute("aria-label", data.copy); }, 1500);
  };
}
