"""The folder that a build writes: tasks, manifest, context, assets, images, quarantine."""
