"""What the cameras' tables keep of a neighborhood or a ward, for when those are merged or divided."""

from cameras.models import Camera, Case, RoomCamera
from neighborhoods.belongings import Belonging

MOVES = [Belonging(Camera, household="owner_household")]
OF_WARD = [Belonging(Case, "ward"), Belonging(RoomCamera, "ward")]
