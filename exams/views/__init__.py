"""The screens: each view checks who may see it, asks a service or a form, and renders one template."""
