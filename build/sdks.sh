#!/bin/sh
# The wandb versions that tests run with, the newest first.
echo 0.31.0 0.28.2
