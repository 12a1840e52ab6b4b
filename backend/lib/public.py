"""The word by which a view says that it is open to everyone. A view that says nothing is denied."""

PUBLIC = "public"
