"""How footage requests are sent and told (``cameras.api.footage``)."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers

from cameras.api.fields import Instant, StrictSerializer
from cameras.cases import HELPS
from cameras.footage import packages
from cameras.footage.area import MOST_CORNERS, Area
from cameras.footage.inforce import POLICY
from cameras.footage.outcomes import outcome_of
from cameras.footage.reading import Asked, Numbered, Packed, Seen
from cameras.models import EvidenceLink, Extraction, FootageAsk, FootageRequest

DECISIONS = ["approve", "deny", "ask", "withdraw"]


class AreaInput(StrictSerializer):
    """One of the two."""

    polygon = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=-180, max_value=180), min_length=2, max_length=2
        ),
        required=False, max_length=MOST_CORNERS, help_text="[[latitude, longitude], …]",
    )  # fmt: skip
    places = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=POLICY.most_places, help_text="neighborhoods"
    )


def area_of(sent: Mapping[str, Any]) -> Area:
    corners = tuple((latitude, longitude) for latitude, longitude in sent.get("polygon", ()))
    return Area(polygon=corners, places=tuple(sent.get("places", ())))


class PreviewInput(StrictSerializer):
    def get_fields(self) -> dict[str, Any]:
        return {
            "case": serializers.UUIDField(),
            "area": AreaInput(),
            "from": Instant(source="starts_at"),  # a word of Python's
            "to": Instant(source="ends_at", help_text="as many hours later as the limits allow, not in the future"),
        }


class FootageRequestInput(PreviewInput):
    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {
            "kind": serializers.ChoiceField(choices=FootageRequest.Kind.choices),
            "document_number": serializers.CharField(max_length=120, help_text="of the incoming document"),
            "basis": serializers.ChoiceField(choices=FootageRequest.Basis.choices),
            "reason": serializers.ChoiceField(choices=Extraction.Reason.choices),
            "words": serializers.CharField(max_length=800, help_text="what is looked for; “investigation” is refused"),
            "urgent": serializers.BooleanField(required=False, default=False, help_text="life in danger"),
            "delivery": serializers.ChoiceField(choices=FootageRequest.Delivery.choices, required=False),
            "signatory": serializers.CharField(
                max_length=240, required=False, help_text="who signed: of a legal demand, and of no other"
            ),
        }


class DecisionInput(StrictSerializer):
    def get_fields(self) -> dict[str, Any]:
        return {
            "camera": serializers.UUIDField(),
            "decision": serializers.ChoiceField(choices=DECISIONS, help_text="withdraw: a yes, until it was fetched"),
            "from": Instant(source="starts_at", required=False, help_text="with approve: a part of the window"),
            "to": Instant(source="ends_at", required=False),
            "words": serializers.CharField(
                max_length=800, required=False, default="", allow_blank=True, help_text="with ask"
            ),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("starts_at" in attrs) != ("ends_at" in attrs):
            raise serializers.ValidationError({"to": [_("Say both: from and to.")]})
        if "starts_at" in attrs and attrs["decision"] != "approve":
            raise serializers.ValidationError({"decision": [_("Only a yes is given for a part of the time.")]})
        if attrs["words"] and attrs["decision"] != "ask":
            raise serializers.ValidationError({"words": [_("A yes or a no needs no words and keeps none.")]})
        return attrs


class ServiceInput(StrictSerializer):
    camera = serializers.UUIDField()
    objection = serializers.CharField(max_length=800, required=False, default="", allow_blank=True)


class FootageAnswerInput(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=POLICY.most_cameras, help_text="of the camera that asked")
    words = serializers.CharField(max_length=800)


class ReviewInput(StrictSerializer):
    justified = serializers.BooleanField()
    words = serializers.CharField(max_length=800)


class PackagesInput(StrictSerializer):
    viewing_copies = serializers.BooleanField(
        required=False, default=False, help_text="beside each file a smaller one with time and reader burnt in"
    )


class LookInput(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=POLICY.most_cameras, help_text="of the camera")


class ConclusionInput(StrictSerializer):
    helped = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=POLICY.most_cameras), required=False, default=list,
        max_length=POLICY.most_cameras, help_text="numbers of the cameras whose footage was of use",
    )  # fmt: skip
    what_helped = serializers.ListField(
        child=serializers.ChoiceField(choices=HELPS), required=False, default=list, max_length=len(HELPS)
    )
    copies_deleted = serializers.BooleanField(help_text="no copy is kept outside the case's own file")


class AnnexInput(StrictSerializer):
    words = serializers.CharField(max_length=800, help_text="why it has to be known who supplied it")


class AnnexShape(serializers.Serializer[Any]):
    suppliers = serializers.DictField(child=serializers.DictField(), help_text="K1, K2, …: camera, household, address")


class FetchLinkShape(serializers.Serializer[EvidenceLink]):
    url = serializers.SerializerMethodField(help_text="fetched once, in this session, from any byte on")
    expires_at = Instant()

    def get_url(self, link: EvidenceLink) -> str:
        return reverse("footage-link", args=[link.id])


class CellShape(serializers.Serializer[Any]):
    latitude, longitude = serializers.FloatField(help_text="of the cell's middle"), serializers.FloatField()
    cameras = serializers.IntegerField()


class CoverageShape(serializers.Serializer[Any]):
    """Shares are of the window, 0 to 1."""

    cameras = serializers.IntegerField()
    mean = serializers.FloatField(help_text="over the cameras")
    any = serializers.FloatField(help_text="where at least one has footage")
    cells = CellShape(many=True)
    oldest_kept_at = Instant(allow_null=True, help_text="what is older of these cameras is deleted")


class NumberedShape(serializers.Serializer[Numbered]):
    number = serializers.IntegerField(help_text="K1, K2, …: all that is told of a camera")
    question, answer = serializers.CharField(), serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        spans = {"from": Instant(source="starts_at", allow_null=True), "to": Instant(source="ends_at", allow_null=True)}
        return super().get_fields() | spans


class PackageShape(serializers.Serializer[Packed]):
    id = serializers.UUIDField(source="package.id")
    number = serializers.IntegerField(source="package.number")
    state = serializers.ChoiceField(choices=[(one.value, one.value) for one in packages.State])
    cameras = serializers.ListField(child=serializers.IntegerField(), help_text="numbers")
    job = serializers.UUIDField(source="package.job_id", allow_null=True, help_text="how far it is: `/jobs/`")
    bytes = serializers.IntegerField(source="package.bytes", help_text="of its ZIP; 0 until it is made")
    manifest_sha256 = serializers.CharField(source="package.manifest_sha256")
    ordered_at, made_at = Instant(source="package.ordered_at"), Instant(source="package.made_at", allow_null=True)
    taken_at = Instant(source="package.taken_at", allow_null=True, help_text="its first byte was handed out")
    handed_at = Instant(source="package.handed_at", allow_null=True, help_text="its last byte was handed out")
    expires_at = Instant(allow_null=True, help_text="then its files are deleted")


class AskedShape(serializers.Serializer[Asked]):
    """The side of who asked. Until the deadline a camera waits; after it, it was not released."""

    cameras, released = serializers.IntegerField(), serializers.IntegerField()
    waiting, not_released = serializers.IntegerField(), serializers.IntegerField()
    numbered = NumberedShape(many=True)
    packages = PackageShape(many=True)
    review_due_at = Instant(allow_null=True)


class MineShape(serializers.ModelSerializer[FootageAsk]):
    """A camera of the reader's, and what became of it."""

    camera = serializers.UUIDField(source="camera_id")
    camera_name = serializers.CharField(source="camera.name")
    decided_at = Instant(allow_null=True)
    taken_at = Instant(source="extraction.taken_at", default=None, help_text="when it was first looked at or fetched")
    outcome = serializers.SerializerMethodField(help_text="`used` or `not_used`; empty until the officer has said")

    class Meta:
        model = FootageAsk
        fields = [
            "camera", "camera_name", "number", "state", "how", "decided_at", "objection", "question", "answer",
            "taken_at", "outcome",
        ]  # fmt: skip

    def get_outcome(self, ask: FootageAsk) -> str:
        return outcome_of(ask)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(source="starts_at"), "to": Instant(source="ends_at")}


class FootageRequestShape(serializers.Serializer[Seen]):
    id = serializers.UUIDField(source="request.id")
    case = serializers.UUIDField(source="request.case_id")
    case_number = serializers.CharField(source="request.case.case_number")
    ward = serializers.UUIDField(source="request.case.ward_id")
    kind = serializers.ChoiceField(choices=FootageRequest.Kind.choices, source="request.kind")
    document_number = serializers.CharField(source="request.document_number")
    basis = serializers.ChoiceField(choices=FootageRequest.Basis.choices, source="request.basis")
    reason = serializers.ChoiceField(choices=Extraction.Reason.choices, source="request.reason")
    words = serializers.CharField(source="request.words")
    urgent = serializers.BooleanField(source="request.urgent")
    delivery = serializers.ChoiceField(choices=FootageRequest.Delivery.choices, source="request.delivery")
    signatory = serializers.CharField(source="request.signatory")
    has_scan = serializers.SerializerMethodField()
    over_limits = serializers.ListField(child=serializers.CharField(), source="request.over_limits")
    state = serializers.ChoiceField(choices=FootageRequest.State.choices, source="request.state")
    officer = serializers.CharField(source="request.asked_by.display_name", help_text="who asks, by name")
    signed_by = serializers.SerializerMethodField(help_text="who signed besides; empty where nobody had to")
    asked_at, signed_at = Instant(source="request.asked_at"), Instant(source="request.signed_at", allow_null=True)
    deadline_at = Instant(source="request.deadline_at")
    reviewed_at = Instant(source="request.reviewed_at", allow_null=True)
    concluded_at = Instant(source="request.concluded_at", allow_null=True)
    review_justified = serializers.BooleanField(source="request.review_justified", allow_null=True)
    asked = AskedShape(allow_null=True)
    mine = MineShape(many=True)

    def get_fields(self) -> dict[str, Any]:
        window = {"from": Instant(source="request.starts_at"), "to": Instant(source="request.ends_at")}
        return super().get_fields() | window

    def get_has_scan(self, seen: Seen) -> bool:
        return seen.request.scan_id is not None

    def get_signed_by(self, seen: Seen) -> str:
        return seen.request.signed_by.display_name if seen.request.signed_by else ""
