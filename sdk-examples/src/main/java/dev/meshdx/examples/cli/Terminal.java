package dev.meshdx.examples.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody is watching.
 *
 * @param colour whether the answer may be coloured: it goes to a terminal, and nobody said no
 * @param progress whether a line of progress may be shown: the error output goes to a terminal
 */
record Terminal(boolean colour, boolean progress) {
    /** Nobody is watching. */
    static final Terminal NONE = new Terminal(false, false);

    /** The terminal of this process. */
    static Terminal ofProcess() {
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        String noColour = System.getenv("NO_COLOR");
        return new Terminal(
                !dumb && (noColour == null || noColour.isEmpty()) && isTerminal(1),
                !dumb && System.getenv("CI") == null && isTerminal(2));
    }

    /** Where the system tells what a descriptor is, it is asked; elsewhere the console stands for both. */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (Files.isSymbolicLink(link)) {
            try {
                String target = Files.readSymbolicLink(link).toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            } catch (IOException | UnsupportedOperationException e) {
                return false;
            }
        }
        Console console = console();
        if (console == null) {
            return false;
        }
        // Newer JDKs hand out a console in any case, and say by a method that the baseline lacks whether it is one.
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    @SuppressWarnings("SystemConsoleNull") // what it means on newer JDKs is looked at above
    private static @Nullable Console console() {
        return System.console();
    }
}
