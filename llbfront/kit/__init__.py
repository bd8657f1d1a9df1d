"""What a frontend image is made of: its Dockerfile, the program that packs our modules into one file, and the one that unpacks them.

Source: none.
"""
