package dev.meshdx.testkit;

import dev.meshdx.testing.ApiFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestkitApiTest {
    @Test
    void should_match_the_api_in_git() {
        ApiFile.check(Path.of("").toAbsolutePath(), "testkit.api");
    }
}
