"""The numbers of the NPS tab: counted once, judged once, the same wherever they are shown."""
