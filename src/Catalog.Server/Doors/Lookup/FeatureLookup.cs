using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Catalog.Server.Doors.Lookup;

/// <summary>Our own lookup over gRPC (catalog_lookup.proto): rows leave as they are kept.</summary>
internal sealed class FeatureLookup(OnlineFeatures online, LookupPlans plans)
{
    public const string Service = "catalog.serving.v1.FeatureLookup";

    internal static Method<PooledBody, AnswerBuffer> Lookup { get; } = GrpcBytes.Unary(Service, nameof(Lookup));

    private async Task<AnswerBuffer> LookupAsync(PooledBody request, ServerCallContext call)
    {
        using (request)
        {
            return await plans.AnswerAsync(
                request.Memory, AskedNamespace.Of(call.GetHttpContext().Request), online, ServingDoor.Compact, call.CancellationToken);
        }
    }

    /// <summary>Tells gRPC of the method.</summary>
    public sealed class Methods : IServiceMethodProvider<FeatureLookup>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<FeatureLookup> context) =>
            context.AddUnaryMethod(Lookup, [], (lookup, request, call) => lookup.LookupAsync(request, call));
    }
}
