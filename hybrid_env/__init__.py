"""An environment for hybrid bitcoin-mining and GPU data centres."""
