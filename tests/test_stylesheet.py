"""What of Bootstrap stays in the stylesheet of the pages."""

from app.assets import assets
from app.stylesheet import stylesheet

BOOTSTRAP = (
    '@charset "UTF-8";/* a banner */:root{--a:1}.btn,.carousel .item{color:red}.carousel{x:y}'
    ".btn:not(.btn-check):hover{color:blue}@media (min-width:1px){.carousel{a:b}.btn{c:d}}@media print{.carousel{a:b}}"
    "@keyframes spin{from{a:b}to{c:d}}.show{a:b}"
)


def test_a_rule_stays_if_it_can_apply_to_a_page_and_is_not_changed() -> None:
    assert stylesheet(BOOTSTRAP, [".ours {}"], ['<p class="btn item">']) == (
        ":root{--a:1}.btn{color:red}.btn:not(.btn-check):hover{color:blue}"
        "@media (min-width:1px){.btn{c:d}}@keyframes spin{from{a:b}to{c:d}}.show{a:b}\n.ours {}"
    )


def test_the_pages_have_what_they_use_of_bootstrap_and_all_of_ours() -> None:
    found = assets()
    styles = found["styles.css"].content.decode()
    for wanted in (
        ".btn-primary{",
        ".dropdown-menu.show{",
        ".toast:not(.show){",
        ".visually-hidden",
        ".form-control.is-invalid",
    ):
        assert wanted in styles
    assert ".carousel" not in styles
    assert styles.count("{") == styles.count("}")
    for name, file in found.items():
        if name.startswith("css/"):
            assert file.content.decode() in styles, f"{name} is not one of STYLES"
