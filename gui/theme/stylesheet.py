"""The one stylesheet. Colours are roles; sizes of text are in points."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from gui.theme.fonts import MONO, MONO_SIZE, SANS, SIZE, SMALL


def stylesheet(colours: Mapping[str, str]) -> str:
    """Fill the template with the colours of a theme."""
    sizes = {"sans": SANS, "mono": MONO, "size": f"{SIZE}pt", "mono_size": f"{MONO_SIZE}pt", "small": f"{SMALL}pt"}
    return Template(FRAME + FIELDS + SLIDERS + BUTTONS + TABLES + TEXTS).substitute({**colours, **sizes})


FRAME = """
QMainWindow, QDialog { background: $window; }
QWidget#form, QWidget#inspector, QWidget#toolbar, QWidget#status { background: $panel; }
QWidget[kind="sheet"] { background: $panel; }
QScrollArea { background: $panel; border: none; }
QWidget#toolbar { border-bottom: 1px solid $hairline; }
QWidget#status { border-top: 1px solid $hairline; }
QSplitter::handle { background: $hairline; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent_border; }
QWidget#top { background: $panel; border-bottom: 1px solid $hairline; }
QFrame#separator { background: $field_border; border: none; }
QMenuBar { background: transparent; color: $muted; padding: 3px 4px; }
QMenuBar::item { background: transparent; padding: 5px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: $hover; color: $text; }
QMenu { background: $card; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_fill; }
QMenu::item:disabled { color: $dim; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QWidget[kind="overlay"] { background: $card; border: 1px solid $border; border-radius: 7px; }
QToolTip { background: $card; color: $text; border: 1px solid $border; padding: 4px 6px; }
QScrollBar:vertical { width: 10px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 10px; background: transparent; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: $panel; border: none; }
"""

FIELDS = """
QLineEdit, QComboBox, QPlainTextEdit {
    background: $field; color: $text; border: 1px solid $field_border; border-radius: 5px;
    font-family: "$mono"; font-size: $mono_size;
    selection-background-color: $accent; selection-color: $panel;
}
QLineEdit { padding: 0 7px; min-height: 24px; max-height: 24px; }
QLineEdit:hover, QComboBox:hover { border-color: $border; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus { border: 1px solid $accent; }
QLineEdit[wrong="true"], QComboBox[wrong="true"] { border: 1px solid $problem; background: $problem_fill; }
QPlainTextEdit[wrong="true"] { border: 1px solid $problem; }
QLineEdit:disabled, QComboBox:disabled { color: $dim; }
QLineEdit[kind="cell"] { border-radius: 0; padding: 0 1px; }
QComboBox { padding: 0 18px 0 7px; min-height: 24px; max-height: 24px; }
QComboBox::drop-down { border: none; width: 0; }
QComboBox[kind="tool"] { font-family: "$sans"; font-size: $size; min-height: 26px; max-height: 26px; }
QLineEdit[kind="tool"] { font-family: "$sans"; font-size: $size; min-height: 26px; max-height: 26px; }
QComboBox QAbstractItemView {
    background: $card; color: $text; border: 1px solid $border; outline: none; padding: 3px;
    selection-background-color: $accent_fill; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; }
"""

SLIDERS = """
QSlider { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $field_border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent_border; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $accent; border: 1px solid $panel;
}
QSlider::handle:horizontal:hover { background: $accent_text; }
QSlider::handle:horizontal:focus { border: 2px solid $text; width: 10px; height: 10px; }
QSlider::handle:horizontal:disabled { background: $field_border; }
"""

BUTTONS = """
QToolButton, QPushButton {
    background: $field; color: $text; border: 1px solid $field_border; border-radius: 6px;
    padding: 0 11px; min-height: 26px; max-height: 26px;
}
QWidget#toolbar[tight="true"] QToolButton { padding: 0 6px; }
QToolButton:hover, QPushButton:hover { background: $hover; }
QToolButton:pressed, QPushButton:pressed { background: $pressed; }
QToolButton:disabled, QPushButton:disabled { color: $dim; background: $panel; }
QToolButton:focus, QPushButton:focus { border: 1px solid $accent; }
QToolButton:checked, QPushButton:checked {
    background: $accent_fill; color: $accent_text; border: 1px solid $accent; font-weight: 600;
}
QToolButton[kind="icon"] { padding: 0 3px; }
QToolButton[kind="primary"] {
    background: $accent; color: $panel; border: 1px solid $accent; font-weight: 600; padding: 0 8px;
}
QToolButton[kind="primary"]:hover { background: $accent_text; }
QToolButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="chip"] {
    border-radius: 10px; padding: 0 8px; min-height: 18px; max-height: 18px; font-size: $small; background: $panel;
}
QPushButton[kind="chip"]:hover { background: $hover; }
QPushButton[kind="chip"]:checked {
    background: $accent_fill; color: $accent_text; border: 1px solid $accent; font-weight: 400;
}
QPushButton[kind="leaf chip"] {
    border-radius: 10px; padding: 0 8px; min-height: 18px; max-height: 18px; font-size: $small; background: $panel;
    color: $muted;
}
QPushButton[kind="leaf chip"]:checked {
    background: $panel; color: $leaf_text; border: 1px solid $leaf; font-weight: 400;
}
QPushButton[kind="primary"] { background: $accent; color: $panel; border: 1px solid $accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_text; }
QPushButton[kind="primary"]:focus { border: 1px solid $text; }
QPushButton[kind="primary"]:disabled { background: $field; color: $dim; border: 1px solid $field_border; }
QPushButton[kind="link"] {
    border: none; background: transparent; color: $accent_text; padding: 0 2px; text-align: left; font-weight: 600;
    min-height: 20px; max-height: 20px;
}
QPushButton[kind="small link"] {
    border: none; background: transparent; color: $accent_text; padding: 0 1px; font-size: $small; font-weight: 600;
    min-height: 18px; max-height: 18px;
}
QPushButton[kind="small link"]:hover, QPushButton[kind="small link"]:focus { text-decoration: underline; }
QPushButton[kind="link"]:hover, QPushButton[kind="link"]:focus { text-decoration: underline; }
QPushButton[kind="link"]:disabled { color: $dim; background: transparent; }
QPushButton[kind="crumb"] {
    border: none; background: transparent; color: $accent_text; padding: 0 3px; text-align: left;
    min-height: 20px; max-height: 20px;
}
QPushButton[kind="crumb"]:hover, QPushButton[kind="crumb"]:focus { text-decoration: underline; }
QPushButton[kind="crumb"]:disabled { color: $text; background: transparent; }
QTabWidget::pane { border: none; }
QTabWidget, QTabBar { background: $panel; }
QTabBar { border: none; }
QTabBar::tab {
    background: $panel; color: $muted; border: none; border-bottom: 2px solid transparent; padding: 8px 13px 7px 13px;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $accent_text; border-bottom: 2px solid $accent; font-weight: 600; }
QTabBar::tab:focus { color: $accent_text; background: $hover; }
QTabBar::scroller { width: 44px; }
QTabBar QToolButton {
    padding: 0; margin: 5px 1px; min-height: 20px; max-height: 20px; border-radius: 4px; background: $panel;
}
QTabBar QToolButton:hover { background: $hover; }
"""

TABLES = """
QTableView {
    background: $panel; color: $text; border: none; border-top: 1px solid $hairline; outline: none;
    gridline-color: $hairline; font-family: "$mono"; font-size: $mono_size;
    selection-background-color: $accent_fill; selection-color: $text;
}
QListWidget[kind="palette"] { background: $card; color: $text; border: none; outline: none; }
QTreeView[kind="tree"] {
    background: $panel; color: $text; border: none; outline: none; show-decoration-selected: 1;
    selection-background-color: $accent_fill; selection-color: $text;
}
QTreeView[kind="tree"]::branch:selected { background: $accent_fill; }
QHeaderView { background: $field; border: none; }
QHeaderView::section {
    background: $field; color: $muted; border: none; border-bottom: 1px solid $hairline;
    padding: 0 9px; font-family: "$sans"; font-size: 9pt; font-weight: 600;
}
QTableView[tight="true"] QHeaderView::section { padding: 0 5px; }
"""

TEXTS = """
QLabel { background: transparent; color: $text; }
QLabel[kind="heading"] { color: $muted; font-size: $small; font-weight: 600; }
QLabel[kind="label"], QLabel[kind="muted"] { color: $muted; }
QLabel[kind="status"] { color: $muted; font-size: 9pt; }
QLabel[kind="problem"] { color: $problem; font-size: 9pt; }
QLabel[kind="brand"] { font-weight: 600; padding: 0 4px 0 12px; }
QLabel[kind="title"] { color: $muted; padding: 0 14px 0 8px; }
QLabel[kind="key"] { color: $muted; border-bottom: 1px solid $hairline; padding: 4px 6px 5px 0; }
QLabel[kind="key above"] { color: $muted; padding: 4px 0 0 0; }
QLabel[kind="value"] {
    font-family: "$mono"; font-size: $mono_size; border-bottom: 1px solid $hairline; padding: 4px 0 5px 0;
}
QLabel[kind="step title"] { font-size: 13pt; font-weight: 600; }
QFrame[kind="question"] { background: $panel; border: none; border-bottom: 1px solid $hairline; }
QListWidget[kind="contents"] { background: $panel; border: none; outline: none; }
QProgressBar { background: $hairline; border: none; border-radius: 3px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QLabel[lecture="true"] { font-size: 17pt; }
QLabel[lecture="true"][kind="heading"] { font-size: 12pt; }
QLabel[lecture="true"][kind="step title"] { font-size: 26pt; }
QPlainTextEdit[lecture="true"] { font-size: 14pt; }
QLineEdit[lecture="true"] { font-size: 15pt; min-height: 34px; max-height: 34px; }
QPushButton[lecture="true"] { font-size: 14pt; min-height: 34px; max-height: 34px; }
QLabel[kind="mono"] { font-family: "$mono"; font-size: $mono_size; }
QLabel[kind="name"] { font-weight: 600; }
QLabel[kind="pill"] {
    border: 1px solid $field_border; border-radius: 9px; padding: 1px 8px; font-size: $small; color: $text;
}
QLabel[kind="waiting"] { color: $muted; padding: 12px; }
QLabel[kind="empty"] { color: $muted; }
QWidget[kind="bar"] { background: $panel; border-bottom: 1px solid $hairline; }
QPlainTextEdit[kind="output"] { border: none; border-top: 1px solid $hairline; border-radius: 0; padding: 6px; }
QPlainTextEdit[kind="code"] { padding: 4px; }
QPlainTextEdit[kind="program"] { font-size: $size; }
"""
