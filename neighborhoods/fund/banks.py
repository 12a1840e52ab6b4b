"""Banks a fund's account may be at, by the BIN that NAPAS routes transfers with. Pure."""

BANKS = {
    "970436": "Vietcombank",
    "970415": "VietinBank",
    "970418": "BIDV",
    "970405": "Agribank",
    "970422": "MB",
    "970407": "Techcombank",
    "970416": "ACB",
    "970423": "TPBank",
    "970403": "Sacombank",
    "970432": "VPBank",
}
