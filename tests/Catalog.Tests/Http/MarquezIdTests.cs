using Catalog.Server.Doors.Marquez;
using Xunit;

namespace Catalog.Tests.Http;

/// <summary>Marquez's ids of nodes and versions.</summary>
public sealed class MarquezIdTests
{
    [Theory]
    [InlineData("job:demo:train", "job:demo/train")]
    [InlineData("dataset:postgres://db:5432:public.orders", "dataset:postgres%3A%2F%2Fdb%3A5432/public.orders")]
    [InlineData("dataset:s3://lake:a/b#c", "dataset:s3%3A%2F%2Flake/a%2Fb%23c")]
    [InlineData("datasetField:postgres://db:5432:orders:a:b", "dataset:postgres%3A%2F%2Fdb%3A5432/orders#a%3Ab")]
    public void An_id_can_mean_the_node_that_it_was_written_of(string id, string node)
    {
        Assert.Equal(id, MarquezIds.Write(NodeId.Parse(node)));
        Assert.Contains((NodeId.Parse(node), null), MarquezIds.Read(id));
    }

    [Fact]
    public void A_uuid_at_the_end_is_a_version()
    {
        var uuid = Guid.Parse("0198d8f2-0000-7000-8000-00000000000a");

        Assert.Equal([(NodeId.Dataset("demo", "flights"), uuid)], MarquezIds.Read($"dataset:demo:flights#{uuid}"));
        Assert.Equal([(NodeId.Dataset("demo", "flights#7"), default(Guid?))], MarquezIds.Read("dataset:demo:flights#7"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("demo")]
    [InlineData("model:demo:x")]
    [InlineData("job:demo")]
    [InlineData("job:demo:")]
    [InlineData("job::x")]
    public void What_is_no_id_means_nothing(string text) => Assert.Empty(MarquezIds.Read(text));

    [Fact]
    public void The_uuid_of_a_node_is_the_same_always()
    {
        var version = NodeId.Dataset("demo", "flights", 3);

        Assert.Equal(MarquezIds.Uuid(version), MarquezIds.Uuid(NodeId.Parse("dataset:demo/flights@3")));
        Assert.NotEqual(MarquezIds.Uuid(version), MarquezIds.Uuid(version.WithVersion(4)));
        Assert.Equal(5, MarquezIds.Uuid(version).Version);
        Assert.Equal(Guid.Parse("97060d92-da76-56db-9a77-3fc2723175f2"), MarquezIds.Uuid(version)); // as Python's uuid5 has it
    }
}
