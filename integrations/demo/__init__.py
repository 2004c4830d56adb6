"""One command that starts everything, with made-up companies and simulators of the outside world.

``manage.py demo`` prepares the environment before any setting is read (``environment``), sets rows
up (``people`` and the parts that the apps register in ``parts``), and runs the processes
(``supervisor``). What it does to Patchbay goes through the doors that people and vendors use.
"""
