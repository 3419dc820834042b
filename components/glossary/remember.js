// Keeps the visitor's choice for the next time. A browser that takes no cookie has it until the tab is closed.
const YEAR = 365 * 24 * 60 * 60;  // seconds

export default function ({ data }) {
  if (!data.chosen) return;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.chosen}; Max-Age=${YEAR}; Path=/; SameSite=Lax${secure}`;
}
