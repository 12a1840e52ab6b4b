"""``/neighborhoods/{id}/legal-record/``: who controls and who processes, as signed."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib import sizes
from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.lib.uploads import FileBody, file_of
from backend.lib.valid import valid
from neighborhoods import legal
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.papers import PaperFileInput
from neighborhoods.api.fund.shapes import PaperShape
from neighborhoods.models import LegalRecord, Paper
from neighborhoods.papers import paper_keep
from neighborhoods.places import neighborhood_for


class LegalRecordInput(serializers.Serializer[Any]):
    controller = serializers.ChoiceField(choices=LegalRecord.Controller.choices)
    controller_name = serializers.CharField(max_length=400)
    processor_name = serializers.CharField(max_length=400, help_text="who runs the server; may be the controller")
    purposes = serializers.ListField(child=serializers.CharField(max_length=20), max_length=10)
    retention_days = serializers.IntegerField(min_value=1, max_value=legal.LONGEST_RETENTION_DAYS)
    contact = serializers.CharField(max_length=400, help_text="for questions and complaints; stands on the sign")
    document = serializers.UUIDField(
        source="document_id", required=False, allow_null=True, help_text="a paper of kind legal: the signed scan"
    )
    signed_name = serializers.CharField(max_length=300, help_text="the signer types their own name")
    sure = serializers.BooleanField(help_text="the second confirmation")


class LegalRecordShape(serializers.ModelSerializer[LegalRecord]):
    in_force = serializers.SerializerMethodField()
    sign = serializers.SerializerMethodField(help_text="lines of the sign at the street's entrance, in Vietnamese")

    class Meta:
        model = LegalRecord
        fields = [
            "id", "controller", "controller_name", "processor_name", "purposes", "retention_days", "contact",
            "sign_version", "document", "signed_name", "signed_at", "in_force", "sign",
        ]  # fmt: skip

    def get_in_force(self, record: LegalRecord) -> bool:
        return record.neighborhood.legal_record_id == record.id

    def get_sign(self, record: LegalRecord) -> list[str]:
        return legal.sign_words(record)


class LegalRecordView(APIView):
    """The record in force (404 where none was signed); signing a new one puts the old one out of force."""

    action = {"GET": Action.SEE_LEGAL_RECORD, "POST": Action.SIGN_LEGAL_RECORD}

    @extend_schema(responses=LegalRecordShape)
    def get(self, request: Request, neighborhood_id: UUID) -> Response:
        record = legal.legal_record_of(caller(request), neighborhood_id)
        if record is None:
            raise Absent()
        return Response(LegalRecordShape(record).data)

    @extend_schema(request=LegalRecordInput, responses={201: LegalRecordShape})
    def post(self, request: Request, neighborhood_id: UUID) -> Response:
        facts = valid(LegalRecordInput, request.data)
        signing = {"signed_name": facts.pop("signed_name"), "sure": facts.pop("sure")}
        record = legal.legal_sign(
            actor=caller(request), neighborhood_id=neighborhood_id, facts=legal.Facts(**facts), now=now(), **signing
        )
        return Response(LegalRecordShape(record).data, status=201)


class LegalScansView(APIView):
    """The record as it was signed on paper, to be named by ``document``."""

    action = Action.SIGN_LEGAL_RECORD
    parser_classes = [FileBody]
    takes_file = sizes.FILE

    @extend_schema(request={"multipart/form-data": PaperFileInput}, responses={201: PaperShape})
    def post(self, request: Request, neighborhood_id: UUID) -> Response:
        actor = caller(request)
        place = neighborhood_for(actor, Action.SIGN_LEGAL_RECORD, neighborhood_id)
        sent = file_of(request)
        paper = paper_keep(
            actor=actor, neighborhood_id=place.id, kind=Paper.Kind.LEGAL, data=sent.data, name=sent.name, now=now()
        )
        return Response(PaperShape(paper).data, status=201)
