"""The frames of the sample's pages, shaped as Sina's templates are.

The names after ``$`` are filled in by ``crawler.demo.pages``.
"""

from string import Template

FINANCE = Template("""\
<!DOCTYPE html>
<!-- [ published at $updated ] -->
<html>
<head>
<meta http-equiv="Content-type" content="text/html; charset=utf-8" />
<meta name="sudameta" content="urlpath:$path/; allCIDs:56980,257,51895,56651" />
<title>${title}_新浪财经_新浪网</title>
<meta name="keywords" content="$keywords_or_title" />
<meta name="tags" content="$keywords" />
<meta name="description" content="$title_attribute" />
<meta property="og:type" content="news" />
<meta property="og:title" content="$title_attribute" />
<meta property="og:url" content="$url" />
<meta property="og:image" content="$image" />
<meta name="weibo: article:create_at" content="$created" />
<meta name="weibo: article:update_at" content="$updated" />
<meta property="article:published_time" content="$published" />
<meta property="article:author" content="$source" />
<meta name="publishid" content="$id" />
<meta name="comment" content="cj:comos-$id" />
<meta name="mediaid" content="$source" />
<meta name="mobile-agent" content="format=html5; url=$mobile_url">
<script charset="gb2312" src="//finance.sina.com.cn/js/stand-in-head.js"></script>
<style>.main-content{width:1000px}</style>
</head>
<body>
<div class="sina-header"><a href="https://www.sina.com.cn/">新浪首页</a> \
<a href="https://news.sina.com.cn/">新闻</a> \
<a href="https://finance.sina.com.cn/">财经</a></div>
<div class="main-content w1240">
  <div class="path-search" data-sudaclick="cnav_breadcrumbs_p"><div class="path">\
<a href="https://finance.sina.com.cn/">财经首页</a>\
<span class="spliter">&gt;</span>正文</div></div>
  <h1 class="main-title">$title</h1>
  <div class="top-bar-wrap" id="top_bar_wrap"><div class="top-bar ani" id="top_bar">
    <div class="date-source"><span class="date">$shown</span> \
<span class="source ent-source">$source</span></div>
  </div></div>
  <div class="article-content clearfix" id="article_content">
    <div class="article-content-left">
      <!-- 正文 start -->
      <div class="article" id="artibody">$body</div>
      <!-- 正文 end -->
      <div class="article-bottom clearfix"><div class="article-keywords">\
<span>文章关键词：</span><div class="keywords" data-sudaclick="content_keywords_p">\
$keyword_links</div></div></div>
    </div>
    <div class="article-content-right"><ul class="related">\
<li><a href="https://finance.sina.com.cn/">更多新闻</a></li></ul></div>
  </div>
</div>
<script>var SINA_TEXT_PAGE_INFO = { channel:'cj', newsid:'comos-$id', \
docID:'http://doc.sina.cn/?id=comos:$id', pagepubtime:'$day' };</script>
</body>
</html>
""")
"""Finance pages, 2017 to now; ``body`` is FINANCE_BODY, or nothing."""

FINANCE_BODY = Template("""

<!-- 秒拍begin -->
<!-- 秒拍end -->
<!-- 行情图begin -->
<!-- 行情图end -->
$text<!-- news_keyword_pub,$market,$symbols -->

<script>var slotA = {place: "below-text"};</script>

<script src="//finance.sina.com.cn/js/stand-in-a.js"></script>



<!-- 正文下iframe -->


<!-- 正文下iframe -->

<!-- 总声明-->


<script type="text/javascript">
if (window.__stand_in__) { document.write("<p>免责声明</p>"); }
</script>



<!-- 总声明-->

<!-- 文末二维码 start -->
            <style>
            .appendQr_wrap{border:1px solid #E6E6E6;padding:8px;}
            .appendQr_normal{float:left;}
            .appendQr_normal img{width:74px;}
            .appendQr_normal_txt{float:left;font-size:20px;line-height:74px;\
padding-left:20px;color:#333;}
            </style>
            <div class="clearfix appendQr_wrap">
                <div class="appendQr_normal">\
<img src="//n.sinaimg.cn/finance/cece9e13/20200514/343233024.png"></div>
                <div class="appendQr_normal_txt">\
海量资讯、精准解读，尽在新浪财经APP</div>
            </div>
            <!-- 文末二维码 start -->

<!-- 编辑姓名及工作代码 -->

<p class="article-editor">责任编辑：$editor </p>
<!-- 编辑姓名及工作代码-->

""")
"""The inside of ``#artibody``: the text, and all that Sina puts after it."""

NEWS = Template("""\
<!DOCTYPE html>
<!-- [ published at $updated ] -->
<!-- LLTJ_MT:name ="$source" -->

<html>
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-type" content="text/html; charset=utf-8" />
<meta name="sudameta" content="urlpath:$path/; allCIDs:51922,257,51895,200856">
<title>$title|${keywords_bar}_新浪新闻</title>
<meta name="keywords" content="$keywords_or_title" />
<meta name="tags" content="$keywords" />
<meta name="description" content="$title_attribute" />
<meta property="og:type" content="news" />
<meta property="og:title" content="$title_attribute" />
<meta property="og:description" content="$title_attribute" />
<meta property="og:url" content="$url" />
<meta property="og:image" content="$image" />
<meta name="weibo: article:create_at" content="$created" />
<meta name="weibo: article:update_at" content="$updated" />

<meta property="article:published_time" content="$published" />
<meta property="article:author" content="$source" />

<meta name="stencil" content="PGLS000526" />
<meta name="publishid" content="$id" />
<meta name="comment" content="gn:comos-$id" />
<meta name="sudameta" content="comment_channel:gn;comment_id:comos-$id" />
<meta name="mediaid" content="$source">
<meta name="mobile-agent" content="format=html5; url=$mobile_url">
<!-- 栏目名： 51922 资讯 --><!-- id： $id URL： $url -->
<meta content="always" name="referrer">
<script type="text/javascript">
var SINA_TEXT_PAGE_INFO = {
  entry: 'account',
  channel: 'gn',
  newsid: 'comos-$id',
  encoding: 'utf-8',

// 是否隐藏评论入口
  hideComment: false,
  // 文章docid，用来检测是否已收藏
  docID: 'http://doc.sina.cn/?id=comos:$id',

  pagepubtime: '$day',
  difDay: 180
};
</script>
</head>
<body>
<div class="main-content w1240">
    <div class="path-search" data-sudaclick="cnav_breadcrumbs_p">
        <div class="path">
            <h1 class="channel-logo"><a data-sudaclick="cnav_logo_news_p" \
href="https://news.sina.com.cn/" target="_blank"><span>新闻中心</span></a></h1>
            <div class="channel-path" data-sudaclick="cnav_breadcrumbs_p">
                <a href="https://news.sina.com.cn/china/"> 国内新闻</a>\
<span class="spliter">></span><span>正文</span></div>
        </div>
    </div>
    <h1 class="main-title">$title</h1>
<div class='top-bar-wrap' id='top_bar_wrap'>
    <div class="top-bar ani" id='top_bar'>
        <div class="top-bar-inner clearfix">
            <div class="second-title">$title</div>
            <div class="date-source" data-sudaclick="share_1-0">
                <span class="date">$shown</span>
                <a href="https://www.example.com/" target="_blank" class="source" \
data-sudaclick="content_media_p" rel="nofollow">$source</a> </div>
        </div>
    </div>
</div>
    <!-- 正文 start -->
    <div class="article-content clearfix" id='article_content'>
        <div class="article-content-left">
            <div class="article" id="article">
$text



<p class="show_author">责任编辑：$editor </p>


            </div>
            <!-- 正文 end -->
            <div class="article-bottom clearfix" id='article-bottom'>
        <div class="keywords" id="keywords" data-wbkey="$keywords,新闻" \
data-sudaclick="content_keywords_p">
        <label>关键字 : </label>
        $keyword_links </div>
</div>
            <div class='blk-wxfollow clearfix'><div class='wx-info'>
        <p>更多猛料！欢迎扫描左方二维码关注</p></div></div>
        </div>
    </div>
</div>
</body>
</html>
""")
"""Pages of news.sina.com.cn, 2017 to now."""

LEGACY = Template("""\
<!DOCTYPE html>
<!-- [ published at $updated ] -->
<html>
<head>
<meta http-equiv="Content-type" content="text/html; charset=gb2312">
<meta name="sudameta" content="urlpath:$path/; allCIDs:56409,257,51894">
<title>$title|${keywords_bar}_新浪财经_新浪网</title>
<meta name="keywords" content="$keywords_or_title" />
<meta name="tags" content="$keywords" />
<meta name="description" content="$title_attribute" />
<meta property="og:type" content="news" />
<meta property="og:title" content="$title_attribute" />
<meta property="og:url" content="$url" />
<meta property="og:image" content="$image" />
<meta name="stencil" content="PGLS000526" />
<meta name="publishid" content="$id" />
<meta name="comment" content="cj:comos-$id" />
<meta name="mediaid" content="$source">
</head>
<body>
<div class="wrap-inner">
    <div class="page-header">
        <h1 id="artibodyTitle" cid="56409" docid="$id">$title</h1>
    </div>
    <div class="page-info" id="page-info">
    <span class="time-source" id="navtimeSource">$shown\t\t<span>
<span data-sudaclick="media_name"><a href="http://www.example.com/" \
target="_blank" rel="nofollow">$source</a></span></span>
    </span>
    </div>
<div class="article article_16" id="artibody">
        <!--行情图 start-->
<style>
.ct_hqimg {margin: 10px 0;} .hqimg_wrapper {text-align: center;}
</style>
        <!--行情图 end-->
<!-- publish_helper name='原始正文' p_id='31' t_id='1' d_id='$id' f_id='2' -->
$text
<!-- news_keyword_pub,$market,$symbols -->
<!-- publish_helper_end -->
        <!--总声明-->
         <div data-sudaclick="suda_1028_guba"><p>进入\
<a href='http://guba.sina.com.cn' target='_blank'>【新浪财经股吧】</a>讨论</p></div>
</div>
<p class="article-editor">责任编辑：$editor</p>
<div class="article-info clearfix">
                <div class="article-keywords" data-sudaclick="art_keywords">
              <span>文章关键词：</span>
              $keyword_links
            </div>
</div>
</div>
</body>
</html>
""")
"""Finance pages of about 2013 to 2017; they have no ``weibo:`` times."""

REMOVED = """\
<!DOCTYPE html>
<html>
<head>
<meta http-equiv="Content-type" content="text/html; charset=utf-8" />
<title>页面没有找到</title>
</head>
<body>
<div class="errorPage"><p>页面没有找到 5秒钟之后将会带您进入新浪首页!</p>
<p><a href="https://www.sina.com.cn/">新浪首页</a></p></div>
</body>
</html>
"""
"""What stands at the address of an article that was taken down."""

BANNED = """\
<html>
<head><meta charset="utf-8"><title>访问受限</title></head>
<body><p>您的访问过于频繁，请稍后再试。</p></body>
</html>
"""
"""What an interface answers, with status 200, to who asks too often."""

NOT_FOUND = """\
<html>
<head><title>404 Not Found</title></head>
<body><center><h1>404 Not Found</h1></center></body>
</html>
"""
"""What stands at every other address."""
