"""Line drawings on a 24-unit grid. Drawn for this product; stroke and size come from the style sheet."""

# ruff: noqa: E501

ICONS = {
    "eye": '<path d="M2 12c3-5 6.5-7.5 10-7.5S19 7 22 12c-3 5-6.5 7.5-10 7.5S5 17 2 12z"/><circle cx="12" cy="12" r="3"/>',
    "camera": '<path d="M3 8l13-4 2 6-13 4z"/><path d="M8 13l2 5H4"/><path d="M18 10l3-1"/>',
    "homes": '<path d="M3 11l6-5 6 5v9H3z"/><path d="M15 9l3-2.5 3 2.5v11h-6"/><path d="M8 20v-5h2v5"/>',
    "people": '<circle cx="9" cy="8" r="3"/><path d="M3 20c0-4 2.5-6 6-6s6 2 6 6"/><circle cx="17" cy="9" r="2.5"/><path d="M17 14c2.5 0 4 2 4 5"/>',
    "live": '<circle cx="12" cy="12" r="3" class="solid"/><path d="M7 7a7 7 0 0 0 0 10M17 7a7 7 0 0 1 0 10"/>',
    "still": '<circle cx="12" cy="12" r="8"/><path d="M9.5 9v6M14.5 9v6"/>',
    "warn": '<path d="M12 3.5L22 20H2z"/><path d="M12 10v4M12 17v.2"/>',
    "check": '<path d="M4 12.5l5 5L20 6.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "rewind": '<path d="M4 5v5h5"/><path d="M4.800 10A8 8 0 1 1 4 13"/>',
    "full": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "keep": '<path d="M6 3h12v18l-6-4.5L6 21z"/>',
    "globe": '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"/>',
    "exit": '<path d="M14 4H5v16h9"/><path d="M10 12h11M17 8l4 4-4 4"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "key": '<circle cx="8" cy="15" r="4.5"/><path d="M11.5 12L20 3.5M16 7.5l3 3"/>',
    "phone": '<rect x="7" y="2.5" width="10" height="19" rx="2"/><path d="M11 18.5h2"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "offline": '<path d="M3 3l18 18M8.5 15.5a5 5 0 0 1 6 -.7M5 12a10 10 0 0 1 4-2.4M13 8.3A10 10 0 0 1 19 12M12 19.2v.1"/>',
    "lock": '<rect x="5" y="11" width="14" height="10" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z"/>',
    "print": '<path d="M7 9V3h10v6M7 18H4V9h16v9h-3"/><path d="M7 14h10v7H7z"/>',
    "play": '<path d="M7 4.5l12 7.5-12 7.5z"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
}  # fmt: skip
