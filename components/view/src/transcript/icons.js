// The icons of a conversation, by the name of their action. Those of the page around it are Material
// icons, which Streamlit includes: `:material/name:`.

// Stroke paths in a 24 x 24 box.
export const ICONS = {
  answer: "M12 3l2.1 5.9L20 11l-5.9 2.1L12 19l-2.1-5.9L4 11l5.9-2.1zM19 16v4M17 18h4",
  tool: "M14.5 6.5a4 4 0 0 0 5 5L11 20a2.1 2.1 0 0 1-3-3l8.5-8.5zM14.5 6.5l3-3",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  copied: "M5 13l4 4L19 7",
  speak: "M4 10v4h4l5 4V6L8 10zM17 9a4 4 0 0 1 0 6M19.5 6.5a8 8 0 0 1 0 11",
  regenerate: "M20 11a8 8 0 1 0-2.3 5.7M20 4v7h-7",
  continue: "M7 5l12 7-12 7z",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  inspect: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  previous: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  end: "M12 5v14M6 13l6 6 6-6",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8h.01",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  good: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6",
};
