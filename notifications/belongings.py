"""What the alerts' tables keep of a neighborhood or a ward, for when those are merged or divided."""

from neighborhoods.belongings import Belonging
from notifications.models import Alert, AlertEndpoint

MOVES = [Belonging(Alert), Belonging(AlertEndpoint)]
WARD_FOLLOWS = [Belonging(Alert)]
OF_WARD = [Belonging(Alert, "ward")]
