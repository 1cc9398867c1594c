"""The look of the page around the workbench: quiet neutrals, one accent, the computer's own fonts, light and dark."""

import gradio as gr
from gradio.themes import Color

CHINESE = (
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei UI",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
)
SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", *CHINESE, "WenQuanYi Micro Hei", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")

ACCENT = Color(
    name="petrol",
    c50="#eefafa",
    c100="#d3f1f1",
    c200="#a9e3e4",
    c300="#72cdd0",
    c400="#3db0b5",
    c500="#21949a",
    c600="#18777d",
    c700="#165f65",
    c800="#154c51",
    c900="#143f44",
    c950="#07272b",
)


def studio_theme() -> gr.themes.Base:
    """Gradio's plain theme with our accent; no font is fetched from anywhere."""
    theme = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue=gr.themes.colors.slate,
        text_size=gr.themes.sizes.text_md,
        radius_size=gr.themes.sizes.radius_md,
        spacing_size=gr.themes.sizes.spacing_md,
        font=SANS,
        font_mono=MONO,
    )
    return theme.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_shadow="none",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
    )
