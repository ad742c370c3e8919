"""More small files than one request names otherwise: run.save of 10,500, listed by pages."""

import pathlib

import wandb


def test_ten_thousand_files(server, project, api):
    for i in range(10_500):
        p = pathlib.Path(f"many/{i // 1000}/{i}.txt")
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_text(f"file {i}")
    with wandb.init(project=project, entity="alice") as run:
        run.save("many/*/*.txt", base_path=".")
    got = api.run(f"alice/{project}/{run.id}")
    files = {f.name: f for f in got.files(per_page=500) if f.name.startswith("many/")}
    assert set(files) == {str(p) for p in pathlib.Path(".").glob("many/*/*.txt")}
    files["many/10/10499.txt"].download(root="out")
    assert pathlib.Path("out/many/10/10499.txt").read_text() == "file 10499"
