"""What the files in deploy/ describe, started on this machine."""

from collections.abc import Iterator

import pytest

from tests.deploy.cluster import Cluster


@pytest.fixture(scope="package")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.start()
    yield cluster
    cluster.stop()
