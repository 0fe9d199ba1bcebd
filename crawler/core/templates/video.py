"""Video pages: a poster, the link to the player and the text below it."""

from crawler.core.templates.template import META_SOURCE, META_TIME, Template

TEMPLATE = Template(
    name="video",
    order=110,
    since=2008,
    url=r"//video\.sina\.(?:com\.)?cn/",
    kind="video",
    title=("h1.main-title", "h1", 'meta[property="og:title"]@content', "title"),
    time=(".date-source .date", ".publish_time", ".video-info .time", *META_TIME),
    source=(".date-source .source", ".video-info .source", *META_SOURCE),
    body=(".video-intro", ".vd_intro", ".video-content-txt", "#artibody"),
    lead_image=(
        "video@poster",
        'meta[property="og:image"]@content',
        ".video-2017 img@src",
    ),
)
