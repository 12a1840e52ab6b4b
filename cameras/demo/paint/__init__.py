"""The demonstration's pictures, drawn with numpy, OpenCV and Pillow. Nothing here is a photograph of anybody."""
