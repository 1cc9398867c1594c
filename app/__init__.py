"""What a person sees and does: the Gradio page, its actions and the command line."""
