"""Django's settings. Values a person may change come from ``backend.lib.config``; the rest is decided here."""

from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from backend.lib import secretfile, sizes
from backend.lib.config import ROOT, Config

CONFIG = Config.from_env()
SECRETS = secretfile.load(CONFIG.data_dir)

SECRET_KEY = SECRETS.django_key
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *CONFIG.list_of("ALLOWED_HOSTS")]
if CONFIG.HOST in ("0.0.0.0", "::"):  # noqa: S104  (opened on purpose; the address a phone dials is not known beforehand)
    ALLOWED_HOSTS = ["*"]
elif CONFIG.HOST:
    ALLOWED_HOSTS.append(f"[{CONFIG.HOST}]" if ":" in CONFIG.HOST else CONFIG.HOST)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "channels",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "neighborhoods",
    "cameras",
    "notifications",
    "backend.pages",
]

MIDDLEWARE = [
    "backend.middleware.EdgeMiddleware",
    "backend.middleware.LanguageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "backend.middleware.HostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "neighborhoods.api.staff_problems.StaffProblemsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backend.middleware.IdempotencyMiddleware",
]

ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": dj_database_url.parse(CONFIG.database_url, conn_max_age=0)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
    }
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "neighborhoods.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key,50/d/key"}  # the arithmetic: neighborhoods/signin.py
ACCOUNT_ADAPTER = "neighborhoods.signin.ClosedSignupAdapter"
MFA_ADAPTER = "neighborhoods.signin.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a slow hand, or a telephone whose clock is off; one code opens once: api/staff_doors.py
MFA_RECOVERY_CODES_SHOW_ONCE = True
SESSION_COOKIE_AGE = 900  # a staff sign-in on its way to our own token; nothing else has a session
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app", "browser")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CONFIG.redis_url,
        "KEY_PREFIX": "matpho",
        "OPTIONS": {"socket_timeout": 1.0, "socket_connect_timeout": 1.0},  # a frozen Redis must not hang a sign-in
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [CONFIG.redis_url]},
    }
}
CELERY_BROKER_URL = CONFIG.redis_url.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = f"media.{CONFIG.NODE_NAME}"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["neighborhoods.api.authentication.DeviceTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["neighborhoods.api.permissions.NamesAnAction"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backend.lib.parsing.JsonBody"],
    "DEFAULT_METADATA_CLASS": "backend.lib.metadata.MethodsOnly",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "backend.lib.paging.CursorPages",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "backend.lib.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "backend.lib.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mắt Phố",
    "DESCRIPTION": "Street cameras shared by a neighborhood.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CameraKindEnum": "cameras.models.registry.Camera.Kind",
        "CameraPurposeEnum": "cameras.models.registry.Camera.Purpose",
        "ViewPurposeEnum": "cameras.viewing.Purpose",
        "SnapshotStatusEnum": "cameras.models.snapshots.Snapshot.Status",
        "CaseKindEnum": "cameras.models.cases.Case.Kind",
        "CaseOutcomeEnum": "cameras.models.cases.Case.Outcome",
        "ExtractionOutcomeEnum": "cameras.models.cases.Extraction.Outcome",
        "ExtractionReasonEnum": "cameras.models.cases.Extraction.Reason",
        "FootageKindEnum": "cameras.models.footage.FootageRequest.Kind",
        "FootageBasisEnum": "cameras.models.footage.FootageRequest.Basis",
        "FootageStateEnum": "cameras.models.footage.FootageRequest.State",
        "FootageDeliveryEnum": "cameras.models.footage.FootageRequest.Delivery",
        "FootageAskStateEnum": "cameras.models.footage.FootageAsk.State",
        "FootageHowEnum": "cameras.models.footage.FootageAsk.How",
        "DataRequestKindEnum": "neighborhoods.models.DataRequest.Kind",
        "RegistrationKindEnum": "neighborhoods.models.HouseholdRegistration.Kind",
        "CodeKindEnum": "neighborhoods.models.codes.AccessCode.Kind",
        "DeviceKindEnum": "neighborhoods.models.codes.Device.Kind",
        "JobStateEnum": "neighborhoods.models.jobs.Job.State",
        "AlertStateEnum": "notifications.models.alerts.Alert.State",
        "AlertSourceEnum": "notifications.models.alerts.Alert.Source",
        "AlertVerdictEnum": "notifications.models.alerts.Alert.Verdict",
        "AlertCategoryEnum": "notifications.api.shapes.CATEGORY_CODES",
        "AlertSeverityEnum": "notifications.api.shapes.SEVERITIES",
        "BankLineOutcomeEnum": "neighborhoods.fund.bank_statements.COUNTS",
        "ExpenseCategoryEnum": "neighborhoods.models.money.Expense.Category",
        "ExpenseStateEnum": "neighborhoods.models.money.Expense.State",
        "LedgerAccountEnum": "neighborhoods.models.money.LedgerEntry.Account",
        "LedgerKindEnum": "neighborhoods.models.money.LedgerEntry.Kind",
        "MoneyMethodEnum": "neighborhoods.models.money.Method",
        "PaperKindEnum": "neighborhoods.models.papers.Paper.Kind",
        "RefundReasonEnum": "neighborhoods.models.money.Refund.Reason",
        "ResolutionFormEnum": "neighborhoods.models.fund.Resolution.Form",
        "ReversalReasonEnum": "neighborhoods.models.money.ReversalReason",
        "WaiverReasonEnum": "neighborhoods.models.fund.Waiver.Reason",
    },
}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [ROOT / "backend" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.data_dir / "static"
VENDOR_DIR: Path = ROOT / "build" / "vendor"
STATICFILES_DIRS = [("vendor", VENDOR_DIR)] if VENDOR_DIR.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "backend.pages.statics.ModuleStorage"},
}

_TLS = bool(CONFIG.TLS_CERT)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SECURE_SSL_REDIRECT = False  # TLS ends here or at nginx; there is no plain port beside it to redirect from
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31_536_000 if _TLS else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS of subdomains: a ward's other hosts are not ours to bind
    "security.W008",  # no redirect to TLS: see SECURE_SSL_REDIRECT
    "security.W021",  # no preload list: the host may be a name inside one house
]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "backend.pages.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = sizes.FILE + sizes.AROUND_FILE  # of routes that take a file; the edge counts the others
FILE_UPLOAD_MAX_MEMORY_SIZE = sizes.FILE  # nobody's file is written down before it has been looked at
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],  # posters are fetched, so that their age can be read
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF, "blob:"],  # hls.js transmuxes in a worker made from a blob
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING_CONFIG = None  # backend.lib.logs sets it up, redaction included, for Django and for the bare processes alike
