"""The certificate of this machine's authority, for a phone that is to know the server without a warning."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse

from spotter.serve.certificate import authority_file
from spotter.serve.services import Served

router = APIRouter(tags=["server"])


@router.get("/ca.crt", response_class=FileResponse)
def authority(served: Served) -> FileResponse:
    """The authority's certificate; only with ``--lan``."""
    file = authority_file(served.config.data)
    if not served.config.lan or not file.is_file():
        raise HTTPException(404, "there is no certificate: this server was started without --lan")
    return FileResponse(file, media_type="application/x-x509-ca-cert")
