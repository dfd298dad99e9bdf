using Catalog.Storage.Files;

namespace Catalog.IntegrationTests.Serving;

/// <summary>Names, files and things that no other test has.</summary>
internal static class New
{
    public static string Name(string stem = "x") => $"{stem}-{Guid.CreateVersion7():N}";

    /// <summary>Registers a dataset.</summary>
    public static async Task<DatasetName> DatasetAsync(Api api, string? ns = null, string? name = null)
    {
        var dataset = new DatasetName(ns ?? Name("ns"), name ?? Name("data"));
        (await api.PostAsync("/v1/datasets", new { @namespace = dataset.Namespace, name = dataset.Name, owner = "team" })).Expect(201);
        return dataset;
    }

    /// <summary>Starts a run of a job of its own.</summary>
    public static async Task<Guid> RunAsync(Api api, string? ns = null)
    {
        var id = Guid.CreateVersion7();
        (await api.PostAsync("/v1/runs", new { id, job = new { @namespace = ns ?? Name("ns"), name = "train" } })).Expect(201);
        return id;
    }

    /// <summary>Registers a model in the namespace of its own, or this one.</summary>
    public static async Task<ModelName> ModelAsync(Api api, string? ns = null)
    {
        var model = new ModelName(ns ?? Name("ns"), Name("model"));
        (await api.PostAsync("/v1/models", new { @namespace = model.Namespace, name = model.Name, owner = "team" })).Expect(201);
        return model;
    }

    /// <summary>Writes a file and gives its URI.</summary>
    public static string File(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? folder);
        System.IO.File.WriteAllText(path, text);
        return FileUri.FromPath(path);
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}

/// <summary>A dataset's names, and its address.</summary>
internal sealed record DatasetName(string Namespace, string Name)
{
    public string Url => Api.Path($"/v1/datasets/{Namespace}/{Name}");

    public string Versions => Url + "/versions";

    public string Node => NodeId.Dataset(Namespace, Name).ToString();

    public string At(long version) => NodeId.Dataset(Namespace, Name).WithVersion(version).ToString();
}

/// <summary>A model's names, and its address.</summary>
internal sealed record ModelName(string Namespace, string Name)
{
    public string Url => Api.Path($"/v1/models/{Namespace}/{Name}");

    public string Node => NodeId.Model(Namespace, Name).ToString();

    public string At(long version) => NodeId.Model(Namespace, Name).WithVersion(version).ToString();
}

internal static class KeyFile
{
    public static async Task<string> ReadAsync(string data) =>
        (await File.ReadAllTextAsync(Path.Combine(data, "keys", "admin.key"))).Trim();
}

internal static class NodeText
{
    public static string Escaped(this string node) => Uri.EscapeDataString(node);
}
