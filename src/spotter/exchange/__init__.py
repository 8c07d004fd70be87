"""Files and devices of other programs: fitness, biomechanics, pose estimation, wearables."""
