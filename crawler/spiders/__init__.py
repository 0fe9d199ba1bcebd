"""The spiders: ``finance`` follows the feeds, ``article`` reads given pages."""
