"""The fault programme: that its checks see what they must see, and a short form of it."""
