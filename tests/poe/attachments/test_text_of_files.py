import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.poe.attachments import AttachmentReader, Limits, Seen
from utils.providers.demo.conversation import *  # noqa: F403  replaced below

from .conversations import BLIND, SEEING, file, picture, said
