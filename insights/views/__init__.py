"""The pages of the NPS tab."""
