"""Settings: Scrapy's, made safe and polite, and then our own.

Everything here can be overridden with ``-s NAME=VALUE``. The environment is read in
this file only.
"""

import os
from pathlib import Path

from crawler import __version__
from crawler.core.paths import DEFAULT_PATH

PROJECT_DIR = Path(__file__).resolve().parent.parent

BOT_NAME = "crawler"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# -- who we are and how we behave ------------------------------------------------------

# An address or page where the site's people can reach whoever runs this crawler.
CONTACT = os.environ.get("CRAWLER_CONTACT", "")
USER_AGENT = "finance-crawler/{} (Scrapy; archives public news{})".format(
    __version__, f"; +{CONTACT}" if CONTACT else ""
)
ROBOTSTXT_OBEY = True
# Bans are reported at 2 requests a second; one every 4 seconds has been fine for days.
DOWNLOAD_DELAY = 1.0
CONCURRENT_REQUESTS_PER_DOMAIN = 2
CONCURRENT_REQUESTS = 16
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}

# -- safety: everything from the network is hostile -----------------------------------

# Scrapy's defaults read local files, accept any certificate and take 1 GiB a page.
DOWNLOAD_HANDLERS = {
    "http": "crawler.handlers.MirrorHandler",
    "https": "crawler.handlers.MirrorHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "crawler.resolver.PublicResolver"
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 8 * 2**20
DOWNLOAD_WARNSIZE = 2 * 2**20
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 10
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
COOKIES_ENABLED = False
HTTPPROXY_ENABLED = any(name in os.environ for name in ("http_proxy", "https_proxy"))
MEMUSAGE_LIMIT_MB = 1024
# A name that does not resolve or a closed port will not change within a run.
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
FEED_STORAGES = {"ftp": None, "ftps": None, "s3": None, "gs": None}
FEED_EXPORTERS = {"pickle": None, "marshal": None}
FEED_EXPORT_ENCODING = "utf-8"

# -- speed ----------------------------------------------------------------------------

# A page gives one item; a list of whole articles gives some dozens, which then share a
# commit. Scrapy's 100 makes 100 tasks for every answer.
CONCURRENT_ITEMS = 8
# Answers may wait for the disk without holding up the network: 4 MiB of them, which is
# some 200 pages as they come.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 4 * 2**20

# -- components ------------------------------------------------------------------------

DOWNLOADER_MIDDLEWARES = {
    # Ours checks that a compressed body is whole, which Scrapy's does not.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.DecompressionMiddleware": 590,
    # Before Scrapy's retries, which would follow at once whatever the host asks for.
    "crawler.patience.PatienceMiddleware": 560,
    # Ours keeps to the site's hosts and names what it does not follow.
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.middlewares.SiteRedirectMiddleware": 600,
    # Ours obeys for every request, Scrapy 2.19's not for those that come all at once.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.RobotsMiddleware": 100,
    # Nearest to the downloader: bodies are as they came.
    "crawler.capture.CaptureMiddleware": 950,
    # The catalogue says which hosts may be asked; the spiders name no domains.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    # Each would take part in every answer, to no end: nothing follows links deeper,
    # the catalogue says which Referer is sent, and `canonical` how long the address of
    # an article is.
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
}
ITEM_PIPELINES = {
    "crawler.pipelines.AcceptPipeline": 100,
    "crawler.images.MirrorPipeline": 150,
    "crawler.pipelines.StorePipeline": 200,
}
EXTENSIONS = {
    "crawler.extensions.Run": 100,
    "crawler.extensions.Progress": 200,
    # They listen on ports; only switched off, they would still be imported, for a tenth
    # of a second.
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
}

ADDONS = {"crawler.addons.Alerts": 100}

# -- logs ------------------------------------------------------------------------------

LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"
LOG_FORMATTER = "crawler.logformatter.QuietLogFormatter"

# -- our own ---------------------------------------------------------------------------

# The folder of the catalogue's YAML files.
CATALOGUE_DIR = str(PROJECT_DIR / "feeds")
# Where posts, exports, reports and the index go.
OUTPUT_DIR = str(PROJECT_DIR / "output")
# Where a document lies below OUTPUT_DIR/posts; {categories} {feed} {year} {month}
# {day} {id}.
POST_PATH = DEFAULT_PATH
# Which body the documents get: "document" (the source's markup) or "clean".
POST_BODY = "document"
# Front-matter keys after the seven: id link source editor updated keywords symbols
# feed.
POST_EXTRA_FIELDS: list[str] = []
# How many processes read pages beside the crawl's own; 0: it reads them itself.
READERS = 1 if (os.cpu_count() or 1) > 1 else 0
# What becomes of a reprint of a stored post: "link" (no second post) or "keep".
NEAR_DUPLICATES = "link"
# How old a post is when `scrapy crawl recheck` visits its page again.
RECHECK_AFTER = ["1h", "1d", "7d", "30d"]
# What becomes of the document of a post that the site has removed: "keep" (nothing),
# "mark" (a line more in the front matter), "withdraw" (it leaves OUTPUT_DIR/posts).
REMOVED_POSTS = "keep"
# Hosts that may be private addresses, such as a feed generator's name in the local
# network; all others are refused.
ALLOWED_PRIVATE_HOSTS: list[str] = []
# Keep every feed answer and article page as it came, in OUTPUT_DIR/archive.
ARCHIVE_ENABLED = True
# Keep the pictures of posts in OUTPUT_DIR/images, and show them from there.
IMAGES_MIRROR = False
# Where the published site shows them.
IMAGES_URL = "/images/"
# The domains, with all below them, from which they are fetched.
IMAGES_HOSTS = ["sinaimg.cn", "sina.com.cn", "sina.cn"]
# The largest picture that is kept, in bytes.
IMAGES_MAXSIZE = 5 * 2**20
# Send every request for https://HOST/PATH?QUERY to SITE_MIRROR/HOST/PATH?QUERY.
SITE_MIRROR = ""
# Show the live bar: "auto" (only in a terminal), "on" or "off".
PROGRESS = "auto"
# Whom to tell of problems: an address that takes JSON with a "text", as Slack's do, and
# e-mail addresses. Both empty: nobody.
ALERT_WEBHOOK = os.environ.get("CRAWLER_ALERT_WEBHOOK", "")
ALERT_EMAIL = os.environ.get("CRAWLER_ALERT_EMAIL", "")
# The mail server: smtp://host:port or smtps://user:password@host:port.
ALERT_SMTP = os.environ.get("CRAWLER_ALERT_SMTP", "smtp://localhost:25")
# Which share of a run's articles may fail without an alert.
ALERT_FAILURES = 0.2
