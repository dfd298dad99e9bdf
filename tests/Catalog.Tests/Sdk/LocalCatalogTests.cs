using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class LocalCatalogTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("catalog-data").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public void A_server_on_this_machine_is_found_by_its_data_folder()
    {
        Serve("""{"url":"http://127.0.0.1:5111","pid":1,"startedAt":"2026-01-01T00:00:00Z"}""");

        Assert.Equal((new Uri("http://127.0.0.1:5111"), "cat_admin_key"), LocalCatalog.Find(dataFolder: _data));
    }

    [Fact]
    public void A_server_that_listens_everywhere_is_reached_on_this_machine()
    {
        Serve("""{"url":"http://0.0.0.0:5111"}""");

        Assert.Equal(new Uri("http://127.0.0.1:5111"), LocalCatalog.Find(dataFolder: _data).Address);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"url":"x"}""")]
    public void A_server_file_that_says_nothing_leaves_the_default_address(string content)
    {
        Serve(content);

        Assert.Equal(LocalCatalog.DefaultAddress, LocalCatalog.Find(dataFolder: _data).Address);
    }

    [Fact]
    public void The_administrators_key_is_not_sent_to_another_machine()
    {
        Serve("""{"url":"http://127.0.0.1:5111"}""");

        var e = Assert.Throws<CatalogException>(() => LocalCatalog.Find("https://catalog.example", _data));

        Assert.Equal("client.key_missing", e.Code);
    }

    [Fact]
    public void A_folder_without_a_key_says_where_one_was_looked_for()
    {
        var e = Assert.Throws<CatalogException>(() => LocalCatalog.Find(dataFolder: _data));

        Assert.Contains("admin.key", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_web_addresses_are_addresses() =>
        Assert.Equal("client.address_invalid", Assert.Throws<CatalogException>(() => LocalCatalog.ParseAddress("ftp://x")).Code);

    private void Serve(string server)
    {
        Directory.CreateDirectory(Path.Combine(_data, "keys"));
        File.WriteAllText(LocalCatalog.ServerFile(_data), server);
        File.WriteAllText(LocalCatalog.AdminKeyFile(_data), "cat_admin_key\n");
    }
}
