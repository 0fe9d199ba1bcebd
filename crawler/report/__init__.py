"""Pictures of how the runs go: one page for a browser, or text for a terminal.

An `Overview` and the newest records come in, text comes out; nothing here reads the
store. The plots are Vega-Lite's: what is drawn is described as data, in `plots`, and
`page` puts that and the library itself into the page.
"""
