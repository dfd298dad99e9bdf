using Catalog.Access;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// What Feast's servers answer over gRPC: <c>feast.serving.ServingService</c>, and <c>GetOnlineFeatures</c> of <c>GrpcFeatureServer</c>.
/// </summary>
internal sealed class FeastServing(OnlineFeatures online, FeastGrpcPlans plans, Gate gate)
{
    public const string Service = "feast.serving.ServingService";
    public const string Server = "GrpcFeatureServer";

    private static readonly string s_version = typeof(FeastServing).Assembly.GetName().Version?.ToString(3) ?? "";

    private async Task<AnswerBuffer> GetOnlineFeaturesAsync(PooledBody request, ServerCallContext call)
    {
        using (request)
            return await plans.AnswerAsync(request, call.GetHttpContext(), online, call.CancellationToken);
    }

    private Task<AnswerBuffer> GetFeastServingInfoAsync(PooledBody request)
    {
        request.Dispose();
        gate.Browse();
        var answer = new AnswerBuffer();
        new ProtoWriter(answer).Text(1, s_version);
        return Task.FromResult(answer);
    }

    /// <summary>Tells gRPC of the methods.</summary>
    public sealed class Methods : IServiceMethodProvider<FeastServing>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<FeastServing> context)
        {
            foreach (var service in (string[])[Service, Server])
            {
                context.AddUnaryMethod(
                    GrpcBytes.Unary(service, "GetOnlineFeatures"), [],
                    (serving, request, call) => serving.GetOnlineFeaturesAsync(request, call));
            }

            context.AddUnaryMethod(
                GrpcBytes.Unary(Service, "GetFeastServingInfo"), [], (serving, request, _) => serving.GetFeastServingInfoAsync(request));
        }
    }
}
