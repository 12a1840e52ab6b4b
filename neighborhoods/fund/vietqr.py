"""VietQR: bank transfer QR, EMVCo TLV. Pure."""
