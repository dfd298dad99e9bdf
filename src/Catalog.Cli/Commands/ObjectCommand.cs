using System.CommandLine;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog object upload</c>: bytes into the object store, ahead of the commit that names them.</summary>
internal static class ObjectCommand
{
    public static Command Create() => new Command("object", "Bytes in the catalog's object store") { Upload() }.WithConnection();

    private static Command Upload()
    {
        var file = new Argument<string>("file") { Description = "The file to upload" };
        var command = new Command("upload", "Uploads a file and prints its hash; dataset commit does this by itself") { file };
        return command.Does(async (call, ct) =>
        {
            var stored = await call.WatchAsync(p => call.Catalog.Objects.UploadAsync(call.Required(file), p, ct));
            call.Screen.Show(
                stored,
                ("sha256", stored.Sha256),
                ("size", call.Screen.Bytes(stored.Bytes)),
                ("uri", stored.Uri));
        });
    }
}
