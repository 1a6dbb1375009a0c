#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The deepest stack of the core: -fstack-usage for each function, and the call
graph that the compiler itself writes (-fcallgraph-info). Callbacks count as
nothing: they are the program's own. usage: stack.py "CC FLAGS" SOURCES"""

import glob
import os
import re
import subprocess
import sys
import tempfile

command, sources = sys.argv[1].split(), sys.argv[2:]
use, calls = {}, {}
with tempfile.TemporaryDirectory() as folder:
    for source in sources:
        obj = os.path.join(folder, os.path.basename(source) + ".o")
        subprocess.run(command + ["-std=c99", "-Os", "-Iinclude", "-Isrc", "-fcallgraph-info=su", "-c", source, "-o", obj], check=True)
    for name in glob.glob(os.path.join(folder, "*.ci")):
        for line in open(name):
            node = re.match(r'node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes \(', line)
            edge = re.match(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', line)
            if node:
                use[node.group(1)] = int(node.group(2))
            if edge:
                calls.setdefault(edge.group(1), set()).add(edge.group(2))

# A static function is "file.c:name" in its own file and is called so.
deepest = {}


def depth(name, above=()):
    if name in above:
        sys.exit("recursion: " + " -> ".join(above + (name,)))
    if name not in deepest:
        deepest[name] = use.get(name, 0) + max((depth(c, above + (name,)) for c in calls.get(name, ())), default=0)
    return deepest[name]


print(max(depth(name) for name in list(use)))
